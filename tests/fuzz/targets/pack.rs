//! libFuzzer's door to the target `pack`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::pack(data);
});
