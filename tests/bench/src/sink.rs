//! A server that takes everything, as cheaply as can be: it must not be what is measured.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use libdeflater::Decompressor;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::http::head;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{\"success\":true}";

/// Serves until it is ended. Says its port first; keeps the events of every batch as lines of a file, if there is one.
pub(crate) fn serve(keep: Option<PathBuf>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    let keep = keep
        .map(File::create)
        .transpose()?
        .map(|file| Arc::new(Mutex::new(file)));
    for stream in listener.incoming() {
        let (stream, keep) = (stream?, keep.clone());
        std::thread::spawn(move || connection(stream, keep.as_deref()));
    }
    Ok(())
}

fn connection(stream: TcpStream, keep: Option<&Mutex<File>>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::with_capacity(256 << 10, stream);
    let mut body = Vec::new();
    while let Some(head) = head(&mut reader)? {
        body.resize(head.length, 0);
        reader.read_exact(&mut body)?;
        if let Some(keep) = keep {
            let text = if head.is_gzip { inflated(&body)? } else { body.clone() };
            let lines = lines(&text)?;
            keep.lock()
                .map_err(|_| anyhow::anyhow!("another connection failed"))?
                .write_all(lines.as_bytes())?;
        }
        writer.write_all(ANSWER)?;
    }
    Ok(())
}

fn inflated(body: &[u8]) -> Result<Vec<u8>> {
    let size = body.last_chunk().context("a body of less than four bytes")?;
    let mut text = vec![0; u32::from_le_bytes(*size) as usize];
    Decompressor::new().gzip_decompress(body, &mut text)?;
    Ok(text)
}

#[derive(Deserialize)]
struct Body<'b> {
    #[serde(borrow)]
    batch: Vec<&'b RawValue>,
}

fn lines(body: &[u8]) -> Result<String> {
    let body: Body<'_> = serde_json::from_slice(body)?;
    Ok(body.batch.iter().flat_map(|event| [event.get(), "\n"]).collect())
}
