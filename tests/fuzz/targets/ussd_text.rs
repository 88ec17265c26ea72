//! libFuzzer's door to the target `ussd_text`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::ussd_text(data);
});
