import Foundation
import Glibc
import PKI
import TestPrograms

/// The built `apus apiserver`, `scheduler`, `controller-manager` and `agent` on one machine, and kubectl. The agent comes
/// with a node's credentials.
final class LabCluster {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let machine: LabMachine
    private static let server = "https://127.0.0.1:6443"
    private var admin: String { "\(machine.folder)/admin.kubeconfig" }

    /// - Parameter agent: more of its arguments.
    init(agent: [String] = []) async throws {
        machine = try LabMachine()
        let folder = machine.folder
        let admin = "\(folder)/admin.kubeconfig"
        try machine.start(
            "apiserver",
            [
                "apiserver", "--data-dir", "\(folder)/cluster", "--bind-address", "127.0.0.1", "--write-kubeconfig",
                admin,
            ])
        try await TimedOut.wait {
            guard machine.isRunning("apiserver") else { throw Failure(description: machine.log("apiserver")) }
            guard access(admin, F_OK) == 0 else { return false }
            return try kubectlResult(["get", "--raw", "/readyz"]).output == "ok"
        } orSay: {
            machine.log("apiserver")
        }
        try machine.start("scheduler", ["scheduler", "--kubeconfig", admin, "--port", "0", "--leader-elect=false"])
        try machine.start(
            "controllers",
            [
                "controller-manager", "--kubeconfig", admin, "--port", "0", "--leader-elect=false",
                "--data-dir", "\(folder)/cluster", "--allocate-node-cidrs", "--cluster-cidr", "10.244.0.0/16",
            ])
        try writeNodeKubeconfig()
        try startAgent(agent)
        // What admission asks for, and what pods mount.
        for object in ["serviceaccount/default", "configmap/kube-root-ca.crt"] {
            try await TimedOut.wait {
                try kubectlResult(["get", object]).status == 0
            } orSay: {
                "there is no \(object): \(machine.log("controllers"))"
            }
        }
        try await TimedOut.wait {
            try nodeIsReady()
        } orSay: {
            "the node is not ready: \(machine.log("agent"))"
        }
    }

    func startAgent(_ more: [String] = []) throws {
        try machine.startAgent(
            [
                "--kubeconfig", "\(machine.folder)/pki/node.kubeconfig", "--network-kubeconfig", admin, "--cluster-dns",
                "10.96.0.10",
            ] + more)
    }

    private func writeNodeKubeconfig() throws {
        let now = Int64(time(nil))
        let authority = try CertificateFolder("\(machine.folder)/cluster/pki").authority(now: now)
        let own = try CertificateFolder("\(machine.folder)/pki")
        let issued = try own.certificate("node", .node("node-1"), by: authority, now: now)
        let text = try KubeconfigText(
            server: Self.server, authorityPEM: authority.certificatePEM, user: "system:node:node-1",
            certificate: issued)
        try own.writeKubeconfig("node.kubeconfig", text)
    }

    func nodeIsReady() throws -> Bool {
        try kubectlResult(["get", "node", "node-1", "--no-headers"]).output.contains(" Ready ")
    }

    // MARK: - kubectl

    private var environment: [String] { ["KUBECONFIG=\(admin)", "KUBECACHEDIR=\(machine.folder)/cache"] }

    /// Its exit code, and what it prints.
    func kubectlResult(
        _ arguments: [String], input: String = "", overSPDY: Bool = false
    ) throws -> LabMachine.Result {
        guard let path = Program.path("kubectl") else { throw Failure(description: "there is no kubectl") }
        let transport =
            overSPDY ? ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false", "KUBECTL_PORT_FORWARD_WEBSOCKETS=false"] : []
        return try machine.run(path, arguments, environment: environment + transport, input: input)
    }

    /// What kubectl prints; fails when it does.
    @discardableResult
    func kubectl(_ arguments: [String], input: String = "", overSPDY: Bool = false) throws -> String {
        let result = try kubectlResult(arguments, input: input, overSPDY: overSPDY)
        guard result.status == 0 else {
            throw Failure(
                description: "kubectl \(arguments.joined(separator: " ")): \(result.errors)\(result.output)\n"
                    + machine.log("agent"))
        }
        return result.output
    }

    /// With a terminal of so many rows and columns.
    func kubectlOnTerminal(_ arguments: String, rows: Int, columns: Int, overSPDY: Bool = false) throws -> String {
        let transport = overSPDY ? ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false"] : []
        let command = "stty rows \(rows) cols \(columns); kubectl \(arguments)"
        return try machine.run(
            "/usr/bin/script", ["-qec", command, "/dev/null"], environment: environment + transport + ["SHELL=/bin/sh"]
        ).output
    }

    /// Until `machine.stop(name)`; what it prints is in the log of that name.
    func startKubectl(_ name: String, _ arguments: [String]) throws {
        guard let path = Program.path("kubectl") else { throw Failure(description: "there is no kubectl") }
        try machine.start(
            name, program: path, arguments, environment: environment + ["HOME=\(machine.folder)", "PATH=/usr/bin:/bin"])
    }

    /// Waits for what a JSONPath of an object gives.
    func wait(_ object: String, _ path: String, is wanted: (String) -> Bool) async throws {
        var seen = ""
        try await TimedOut.wait {
            seen = try kubectlResult(["get", object, "-o", "jsonpath={\(path)}"]).output
            return wanted(seen)
        } orSay: {
            "\(path) of \(object) stays \(seen):\n\((try? kubectl(["describe", object])) ?? "")\n\(machine.log("agent"))"
        }
    }
}
