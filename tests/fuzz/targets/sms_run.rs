//! libFuzzer's door to the target `sms_run`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::sms_run(data);
});
