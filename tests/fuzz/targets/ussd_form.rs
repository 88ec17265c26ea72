//! libFuzzer's door to the target `ussd_form`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::ussd_form(data);
});
