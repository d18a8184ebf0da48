//! A test's nginx.

use std::net::SocketAddr;

use pollster_stack::{Nginx, Scratch};

use crate::service::Service;
use crate::stack::Stack;
use crate::wait::blocking;

/// An nginx before gateways, with the configuration that operators get.
#[derive(Debug)]
pub struct NginxServer {
    // Fields are dropped in this order.
    nginx: Nginx,
    #[allow(dead_code, reason = "its drop removes the folder")]
    scratch: Scratch,
}

impl NginxServer {
    /// Starts it before gateways that serve REST and gateways that serve live results.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(rest: &[SocketAddr], live: &[SocketAddr]) -> Self {
        let (rest, live) = (rest.to_vec(), live.to_vec());
        blocking(move || {
            let scratch = Scratch::new("nginx").expect("a folder for nginx");
            let nginx = Nginx::start(scratch.path(), &rest, &live).expect("nginx starts");
            Self { nginx, scratch }
        })
        .await
    }

    /// Starts it before all gateways of a stack, each serving everything.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn before(stack: &Stack) -> Self {
        let gateways: Vec<SocketAddr> = stack.gateways.iter().map(Service::address).collect();
        Self::start(&gateways, &gateways).await
    }

    /// Where clients find it.
    pub fn address(&self) -> SocketAddr {
        self.nginx.address()
    }
}
