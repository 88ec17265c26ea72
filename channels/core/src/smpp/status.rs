//! `command_status` values that we send or treat in a special way (SMPP 3.4 §5.1.3).

/// No error.
pub const OK: u32 = 0x00;
/// Invalid message length.
pub const INVALID_MESSAGE_LENGTH: u32 = 0x01;
/// Invalid command length.
pub const INVALID_COMMAND_LENGTH: u32 = 0x02;
/// Invalid command id.
pub const INVALID_COMMAND_ID: u32 = 0x03;
/// The bind does not allow this command.
pub const INCORRECT_BIND_STATUS: u32 = 0x04;
/// Already bound.
pub const ALREADY_BOUND: u32 = 0x05;
/// System error.
pub const SYSTEM_ERROR: u32 = 0x08;
/// Invalid source address.
pub const INVALID_SOURCE: u32 = 0x0A;
/// Invalid destination address.
pub const INVALID_DESTINATION: u32 = 0x0B;
/// Bind failed.
pub const BIND_FAILED: u32 = 0x0D;
/// Invalid password.
pub const INVALID_PASSWORD: u32 = 0x0E;
/// Invalid system id.
pub const INVALID_SYSTEM_ID: u32 = 0x0F;
/// The queue is full.
pub const QUEUE_FULL: u32 = 0x14;
/// Invalid service type.
pub const INVALID_SERVICE_TYPE: u32 = 0x15;
/// Invalid system type.
pub const INVALID_SYSTEM_TYPE: u32 = 0x53;
/// The message could not be submitted.
pub const SUBMIT_FAILED: u32 = 0x45;
/// More than the agreed rate.
pub const THROTTLED: u32 = 0x58;
/// Invalid scheduled delivery time.
pub const INVALID_SCHEDULE: u32 = 0x61;
/// Invalid validity period.
pub const INVALID_VALIDITY: u32 = 0x62;
/// The ESME cannot take it now; the SMSC tries again.
pub const ESME_TEMPORARY: u32 = 0x64;
/// The ESME will never take it.
pub const ESME_PERMANENT: u32 = 0x65;
/// An optional parameter that is not allowed: here, both text fields are filled.
pub const PARAMETER_NOT_ALLOWED: u32 = 0xC1;

/// Whether the peer asks for fewer messages a second.
pub fn is_throttling(status: u32) -> bool {
    matches!(status, THROTTLED | QUEUE_FULL)
}

/// Whether the same message may be taken later: throttling, and 0x08, 0x45, 0x64.
pub fn is_temporary(status: u32) -> bool {
    is_throttling(status) || matches!(status, SYSTEM_ERROR | SUBMIT_FAILED | ESME_TEMPORARY)
}

/// Whether a refused bind may lock the account when it is repeated soon.
pub fn is_account_problem(status: u32) -> bool {
    matches!(
        status,
        ALREADY_BOUND | BIND_FAILED | INVALID_PASSWORD | INVALID_SYSTEM_ID
    )
}
