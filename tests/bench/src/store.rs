//! A server that speaks as much S3 as a sender and its plan ask for, over the files of a folder: heads, ranges and lists.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};

use crate::http::{Head, head};

const ETAG: &str = "\"of-the-benchmark\"";
const MODIFIED: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

/// Serves until it is ended. Says its port first. Every bucket is the folder.
pub(crate) fn serve(folder: PathBuf) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    let folder = Arc::new(folder);
    for stream in listener.incoming() {
        let (stream, folder) = (stream?, Arc::clone(&folder));
        std::thread::spawn(move || connection(stream, &folder));
    }
    Ok(())
}

fn connection(stream: TcpStream, folder: &Path) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = head(&mut reader)? {
        let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
        let key = path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
        if query.contains("list-type=2") {
            list(&mut writer, folder)?;
        } else if let Ok(file) = File::open(folder.join(key)) {
            object(&mut writer, file, &head)?;
        } else {
            writer.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")?;
        }
    }
    Ok(())
}

/// Answers with an object, or the range of it that is asked for.
fn object(writer: &mut TcpStream, mut file: File, head: &Head) -> Result<()> {
    let size = file.metadata()?.len();
    let (first, last) = head.range.unwrap_or((0, size.saturating_sub(1)));
    let length = last.min(size - 1) + 1 - first;
    let status = if head.range.is_some() {
        "206 Partial Content"
    } else {
        "200 OK"
    };
    write!(
        writer,
        "HTTP/1.1 {status}\r\netag: {ETAG}\r\nlast-modified: {MODIFIED}\r\naccept-ranges: bytes\r\n\
         content-range: bytes {first}-{last}/{size}\r\ncontent-length: {length}\r\n\r\n"
    )?;
    if head.method != "HEAD" {
        file.seek(SeekFrom::Start(first))?;
        std::io::copy(&mut file.take(length), writer)?;
    }
    Ok(())
}

/// Answers with the folder's files.
fn list(writer: &mut TcpStream, folder: &Path) -> Result<()> {
    let mut contents = String::new();
    for entry in folder.read_dir()? {
        let entry = entry?;
        let (name, size) = (entry.file_name(), entry.metadata()?.len());
        let name = name.to_str().context("a name that is no text")?;
        write!(
            contents,
            "<Contents><Key>{name}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>{ETAG}</ETag><Size>{size}</Size></Contents>"
        )?;
    }
    let body = format!("<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>");
    write!(
        writer,
        "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    Ok(())
}
