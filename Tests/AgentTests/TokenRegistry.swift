/// A registry on the loopback that gives one image, `private/thing:1`, to those who show a token of its token service
/// (distribution-spec's `Bearer`), which wants the name `reader` and the password `sesame`.
enum TokenRegistry {
    static let port = "5000"
    static let image = "127.0.0.1:5000/private/thing:1"

    /// For python3 -c; its argument is the port.
    static let program = #"""
        import base64, gzip, hashlib, http.server, io, json, platform, sys, tarfile, urllib.parse
        port = int(sys.argv[1])
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as tar:
            tar.add("/bin/busybox", "bin/busybox")
        def digest(data): return "sha256:" + hashlib.sha256(data).hexdigest()
        config = json.dumps({
            "architecture": {"aarch64": "arm64"}.get(platform.machine(), "amd64"), "os": "linux",
            "config": {"Cmd": ["/bin/busybox", "sleep", "1000"]},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer.getvalue())]}}).encode()
        packed = gzip.compress(layer.getvalue())
        kind = "application/vnd.oci.image."
        def part(type, data): return {"mediaType": kind + type, "digest": digest(data), "size": len(data)}
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": kind + "manifest.v1+json", "config": part("config.v1+json", config),
            "layers": [part("layer.v1.tar+gzip", packed)]}).encode()
        here = "/v2/private/thing/"
        pages = {here + "manifests/1": manifest, here + "manifests/" + digest(manifest): manifest}
        pages.update({here + "blobs/" + digest(data): data for data in [config, packed]})
        class Registry(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def answer(self, status, data=b"", **headers):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command == "GET": self.wfile.write(data)
            def do_GET(self):
                url = urllib.parse.urlparse(self.path)
                given = self.headers.get("Authorization", "")
                if url.path == "/token":
                    wanted = "Basic " + base64.b64encode(b"reader:sesame").decode()
                    scope = urllib.parse.parse_qs(url.query).get("scope", [""])[0]
                    if given != wanted or scope != "repository:private/thing:pull": return self.answer(401)
                    return self.answer(200, json.dumps({"token": "open"}).encode(), Content_Type="application/json")
                if given != "Bearer open":
                    challenge = f'Bearer realm="http://127.0.0.1:{port}/token",service="lab",scope="repository:private/thing:pull"'
                    return self.answer(401, WWW_Authenticate=challenge)
                if url.path == "/v2/": return self.answer(200)
                if url.path not in pages: return self.answer(404)
                data = pages[url.path]
                is_manifest = "/manifests/" in url.path
                self.answer(
                    200, data, Content_Type=kind + "manifest.v1+json" if is_manifest else "application/octet-stream",
                    Docker_Content_Digest=digest(data))
            do_HEAD = do_GET
        http.server.ThreadingHTTPServer(("127.0.0.1", port), Registry).serve_forever()
        """#
}
