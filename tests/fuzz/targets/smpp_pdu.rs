//! libFuzzer's door to the target `smpp_pdu`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::smpp_pdu(data);
});
