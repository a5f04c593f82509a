import Bench
import Glibc
import Namespaces
import NetTypes

/// What the userspace mode is compared with: Debian's HAProxy and nginx's stream module, one thread each, and the nginx
/// that answers. All are processes that end with this value.
final class Balancers {
    static let haproxyPort: UInt16 = 9000
    static let nginxPort: UInt16 = 9001

    /// The Debian packages of programs that are not there.
    static var missingPackages: [String] {
        let needed = [
            ("/usr/sbin/haproxy", "haproxy"), ("/usr/sbin/nginx", "nginx"), (streamModule, "libnginx-mod-stream"),
            ("/usr/bin/wrk", "wrk"),
        ]
        return needed.filter { access($0.0, R_OK) != 0 }.map(\.1)
    }

    private static let streamModule = "/usr/lib/nginx/modules/ngx_stream_module.so"
    private let folder: TemporaryFolder
    private var processes: [pid_t] = []
    private(set) var haproxy: pid_t = 0

    init() throws {
        folder = try TemporaryFolder()
        // nginx's worker is another user.
        chmod(folder.path, 0o755)
    }

    deinit {
        for process in processes { kill(process, SIGTERM) }
        for process in processes { waitpid(process, nil, 0) }
    }

    /// Answers 100 bytes or a file of 256 MB, in the calling thread's namespace and on its processor.
    func startServer(port: UInt16) throws {
        let large = "\(folder.path)/large"
        try TextFile.write("", to: large)
        truncate(large, 256 << 20)
        try startNginx(
            "server",
            """
            http {
              access_log off; sendfile on; keepalive_requests 100000000; keepalive_timeout 1h;
              server {
                listen \(port) backlog=4096; root \(folder.path); default_type text/plain;
                location = /small { return 200 "\(String(repeating: "a", count: 100))"; }
              }
            }
            """)
    }

    func startNginxStream(to server: AddressPort) throws {
        try startNginx(
            "stream",
            """
            stream {
              server { listen \(Self.nginxPort) backlog=4096; tcp_nodelay on; proxy_timeout 1h; proxy_pass \(server); }
            }
            """, prefix: "load_module \(Self.streamModule);")
    }

    func startHAProxy(to server: AddressPort) throws {
        let file = "\(folder.path)/haproxy.cfg"
        try TextFile.write(
            """
            global
              nbthread 1
              maxconn 7000
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1h
              timeout server 1h
              option splice-auto
            frontend clients
              bind :\(Self.haproxyPort) backlog 4096
              default_backend servers
            backend servers
              server one \(server)

            """, to: file)
        haproxy = try start("/usr/sbin/haproxy", ["-db", "-f", file], "haproxy")
    }

    /// This program again, as `relay`: the userspace mode before one Service.
    func startApus(_ arguments: [String]) throws -> pid_t {
        try start("/proc/self/exe", ["relay"] + arguments, "apus")
    }

    func stop(_ process: pid_t) {
        guard let index = processes.firstIndex(of: process) else { return }
        processes.remove(at: index)
        kill(process, SIGTERM)
        waitpid(process, nil, 0)
    }

    private func startNginx(_ name: String, _ sections: String, prefix: String = "") throws {
        let file = "\(folder.path)/\(name).conf"
        try TextFile.write(
            """
            \(prefix)
            daemon off; worker_processes 1; pid \(folder.path)/\(name).pid; error_log stderr crit;
            events { worker_connections 19000; }
            \(sections)

            """, to: file)
        _ = try start("/usr/sbin/nginx", ["-c", file, "-p", folder.path], name)
    }

    private func start(_ program: String, _ arguments: [String], _ name: String) throws -> pid_t {
        let log = "\(folder.path)/\(name).log"
        let process = try NetworkNamespace.current().spawn(program, arguments, log: log)
        usleep(500_000)
        guard waitpid(process, nil, WNOHANG) == 0 else {
            throw BenchError("\(name) ended at once: \(TextFile.read(log) ?? "")")
        }
        processes.append(process)
        return process
    }
}
