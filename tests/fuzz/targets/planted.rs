//! libFuzzer's door to the planted fault: a run that does not find it proves nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    targets::planted::smpp_pdu(data);
});
