//! libFuzzer's door to the target `service`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::service(data);
});
