//! libFuzzer's door to the target `ussd_json`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::ussd_json(data);
});
