//! Gateways of two releases side by side: the files of the web app have other names in each.

use std::net::SocketAddr;

use bytes::Bytes;
use pollster_integration::{Client, NginxServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Something in a gateway's place that has one file.
async fn gateway_with(file: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let has_it = String::from_utf8_lossy(&request[..read]).starts_with(&format!("GET {file} "));
            let status = if has_it { "200 OK" } else { "404 Not Found" };
            let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 3\r\n\r\nend");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

#[tokio::test]
async fn a_file_of_the_web_app_comes_from_a_gateway_of_its_release() {
    let (old, new) = ("/assets/index-old.js", "/assets/index-new.js");
    let gateways = [gateway_with(old).await, gateway_with(new).await];
    let nginx = NginxServer::start(&gateways, &gateways).await;
    let status = async |path: &str| {
        let request = Client::new(nginx.address()).request(hyper::Method::GET, path, &[], Bytes::new()).await;
        request.unwrap().status.as_u16()
    };
    for _ in 0..4 {
        assert_eq!((status(old).await, status(new).await), (200, 200));
        assert_eq!(status("/assets/none.js").await, 404, "nobody has it");
    }
}
