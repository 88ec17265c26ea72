//! libFuzzer's door to the target `bundle`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::bundle(data);
});
