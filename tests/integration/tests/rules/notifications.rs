//! Notifications: recorded once an event, delivered on every way that was chosen.

mod addresses;
mod attempts;
mod bed;
mod mails;
mod recording;
mod signatures;
mod workers;
