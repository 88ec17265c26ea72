//! How a transaction on a server ends when it does not commit.

use std::error::Error;

use deadpool_postgres::PoolError;
use sync_core::refusal::Refusal;
use tokio_postgres::error::SqlState;

use crate::epoch::failed;
use crate::hub_store::StoreError;
use crate::tx::Stop;

/// Why a transaction ended without effect.
#[derive(Debug)]
pub(super) enum End {
    /// Another one came between: the whole function is repeated.
    Repeat,
    /// As on SQLite.
    Stop(Stop),
}

impl End {
    /// A fault that an operator must look at.
    pub(super) fn failed(reason: &str) -> Self {
        Self::Stop(Stop::Store(StoreError::Failed(reason.to_owned())))
    }

    /// What the caller hears where nothing can be refused.
    pub(super) fn error(self) -> StoreError {
        match self {
            Self::Repeat => StoreError::Busy("the database changed meanwhile".to_owned()),
            Self::Stop(stop) => failed(stop),
        }
    }
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Stop(error.into())
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Stop(refusal.into())
    }
}

impl From<tokio_postgres::Error> for End {
    fn from(error: tokio_postgres::Error) -> Self {
        // The cause, without detail and context: those repeat values of the statement.
        let text = match (error.as_db_error(), error.source()) {
            (Some(told), _) => told.message().to_owned(),
            (None, Some(cause)) => format!("{error}: {cause}"),
            (None, None) => error.to_string(),
        };
        let code = error.code().map(SqlState::code);
        match code {
            Some("40001" | "40P01") => Self::Repeat,
            // Classes: no resources, an operator or a crash ended it, no connection.
            Some(code)
                if ["53", "57", "08"]
                    .iter()
                    .any(|class| code.starts_with(class)) =>
            {
                StoreError::Busy(text).into()
            }
            None if error.is_closed() || is_io(&error) => StoreError::Busy(text).into(),
            _ => StoreError::Failed(text).into(),
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error
        .source()
        .is_some_and(<dyn Error + 'static>::is::<std::io::Error>)
}

impl From<PoolError> for End {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            other => StoreError::Busy(format!("database: {other}")).into(),
        }
    }
}
