//! libFuzzer's door to the target `fact`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::fact(data);
});
