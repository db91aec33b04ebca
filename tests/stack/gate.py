"""A gate before the Tracking API simulator: notes which write keys come by, can be shut for a while, and can lead to another simulator."""

import base64
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gate:
    """Passes every request on to `port` while it is open. A shut gate holds requests until it is opened."""

    def __init__(self, port):
        self.port, self.opened, self.keys, self.held = port, threading.Event(), [], 0
        self.opened.set()
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                gate.pass_on(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def pass_on(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        if not self.opened.is_set():
            self.held += 1
            self.opened.wait()
        scheme, _, user = request.headers["Authorization"].partition(" ")
        self.keys.append(base64.b64decode(user).decode().partition(":")[0] if scheme == "Basic" else "")
        upstream = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            upstream.request("POST", request.path, body, dict(request.headers))
            answer = upstream.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            # The simulator broke the connection off, and so does the gate.
            request.close_connection = True
            return
        finally:
            upstream.close()
        try:
            request.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                    request.send_header(name, value)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content)
        except OSError:
            # Who asked was killed meanwhile.
            request.close_connection = True

    def shut(self):
        self.held = 0
        self.opened.clear()

    def open(self):
        self.opened.set()

    def stop(self):
        self.open()
        self.server.shutdown()
        self.server.server_close()
