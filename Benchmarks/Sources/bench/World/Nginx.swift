import Foundation
import Harness

/// nginx with one worker that answers everything with a 200 and a body of a given length.
struct Nginx {
    let child: Child
    let port: Int

    init(_ name: String = "nginx", answerBytes: Int, in folder: URL) throws {
        let port = try freePort()
        let home = folder.appendingPathComponent(name, isDirectory: true)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: false)
        let file = home.appendingPathComponent("nginx.conf")
        try Self.configuration(port: port, answerBytes: answerBytes, home: home.path)
            .write(to: file, atomically: true, encoding: .utf8)
        let nginx = try Tool.url("nginx").path
        child = try Child(
            name,
            [nginx, "-p", home.path, "-e", "error.log", "-c", file.path],
            in: folder
        )
        self.port = port
        try child.wait(upTo: .seconds(10)) {
            (try? LoopbackClient(port: port, key: "none").send("GET", "/"))?.status == 200
        }
    }

    private static func configuration(port: Int, answerBytes: Int, home: String) -> String {
        let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(home)/\($0);" }.joined(separator: " ")
        return """
            daemon off; master_process off; pid \(home)/nginx.pid; error_log \(home)/error.log error;
            events { worker_connections 2048; }
            http {
                access_log off; tcp_nodelay on; keepalive_requests 1000000000; \(folders)
                server {
                    listen 127.0.0.1:\(port);
                    default_type application/json;
                    location / { return 200 '\(String(repeating: "x", count: answerBytes))'; }
                }
            }
            """
    }
}
