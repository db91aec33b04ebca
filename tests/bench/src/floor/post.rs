//! Requests over one connection, by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use anyhow::{Result, anyhow, ensure};
use libdeflater::{CompressionLvl, Compressor};

/// As Backhaul's own bodies. The library's `fastest` is level 0, which does not compress.
const LEVEL: i32 = 6;

pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    compressor: Option<Compressor>,
    packed: Vec<u8>,
}

impl Connection {
    pub(super) fn open(port: u16, gzip: bool) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        let level = CompressionLvl::new(LEVEL).map_err(|error| anyhow!("{error:?}"))?;
        Ok(Self {
            stream: BufReader::new(stream),
            compressor: gzip.then(|| Compressor::new(level)),
            packed: Vec::new(),
        })
    }

    pub(super) fn post(&mut self, body: &[u8]) -> Result<()> {
        let (body, encoding) = match &mut self.compressor {
            None => (body, ""),
            Some(compressor) => {
                self.packed.resize(compressor.gzip_compress_bound(body.len()), 0);
                let length = compressor.gzip_compress(body, &mut self.packed)?;
                (&self.packed[..length], "content-encoding: gzip\r\n")
            }
        };
        let head = format!(
            "POST /v1/batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{encoding}content-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.get_mut().write_all(head.as_bytes())?;
        self.stream.get_mut().write_all(body)?;
        self.answer()
    }

    fn answer(&mut self) -> Result<()> {
        let (mut line, mut length) = (String::new(), 0);
        loop {
            line.clear();
            ensure!(self.stream.read_line(&mut line)? > 0, "the sink closed the connection");
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut rest = (&mut self.stream).take(length);
        std::io::copy(&mut rest, &mut std::io::sink())?;
        Ok(())
    }
}
