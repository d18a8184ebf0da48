//! SIGINT and SIGTERM as a flag that every wait looks at, so that Ctrl-C also ends a slow start.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::StackError;

static FLAG: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From here on SIGINT, SIGTERM and SIGHUP make waits end with [`StackError::Interrupted`]. A SIGINT
/// after that ends this process at once, and with it whatever lives with its parent. (Not a SIGTERM: make
/// passes on the one that it gets, so two of them may well be one.)
///
/// # Errors
/// The system's, where a handler can't be set.
pub fn stop_on_signals() -> Result<(), StackError> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let set = || -> std::io::Result<()> {
            // In this order: the first signal finds the flag unset, then sets it.
            if signal == SIGINT {
                signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&FLAG))?;
            }
            signal_hook::flag::register(signal, Arc::clone(&FLAG))?;
            Ok(())
        };
        set().map_err(StackError::io("setting a signal handler"))?;
    }
    Ok(())
}

/// Whether such a signal has arrived.
pub fn interrupted() -> bool {
    FLAG.load(Ordering::SeqCst)
}
