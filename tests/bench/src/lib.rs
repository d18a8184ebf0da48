//! Load for Pollster: an HTTP client that costs little a request, the replay of real ballots
//! (`pollster-replay`), and the benchmark (`pollster-bench`).

pub mod bench;
pub mod client;
pub mod replay;
