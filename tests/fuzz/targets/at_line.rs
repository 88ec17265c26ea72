//! libFuzzer's door to the target `at_line`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::at_line(data);
});
