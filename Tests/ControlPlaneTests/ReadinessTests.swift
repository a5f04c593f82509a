import Foundation
import Glibc
import TestPrograms
import TestServers
import TestThreads
import Testing

/// A daemon is healthy when it runs, and ready when it has read the cluster.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(10)))
struct ReadinessTests {
    @Test(arguments: [["scheduler"], ["controller-manager", "--leader-elect=false"], ["controller-manager"]])
    func readyOnceTheClusterIsKnown(_ command: [String]) throws {
        let plane = try ControlPlane()
        let nobody = plane.folder.appending(path: "nobody.kubeconfig").path
        let text = try String(contentsOfFile: plane.kubeconfig, encoding: .utf8)
        try text.replacing(":\(plane.port)", with: ":\(FreePort.take())").write(
            toFile: nobody, atomically: true, encoding: .utf8)
        for (kubeconfig, answer) in [(nobody, "503"), (plane.kubeconfig, "200")] {
            let port = try FreePort.take()
            let daemon = try LoggedProcess(
                Program.start(ControlPlane.program, command + ["--kubeconfig", kubeconfig, "--port", "\(port)"]))
            defer { daemon.crash() }
            func page(_ path: String) -> String { (try? PlainHTTP.get(port, path)) ?? "" }
            try wait("\(command) runs") { page("/livez").contains(" 200 ") && page("/healthz").contains(" 200 ") }
            try wait("\(command) says \(answer)") { page("/readyz").contains(" \(answer) ") }
            if answer == "503" {
                sleep(1)
                #expect(page("/readyz").contains(" 503 "))
            }
        }
    }

    private func wait(_ what: String, _ isSo: () -> Bool) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isSo() {
            guard ContinuousClock.now < deadline else {
                throw ControlPlane.Failure(description: "not in time: \(what)")
            }
            usleep(20_000)
        }
    }
}
