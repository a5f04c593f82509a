import ProxyCore
import Telemetry

/// `PUT /proxyMode` with a mode's name as its body, by root on this machine: switches while traffic flows.
struct ModePage: Sendable {
    let mailbox: Mailbox<ProxyInput>

    func add(to routes: inout HTTPRoutes) {
        routes.putLater("/proxyMode") { [mailbox] request, answer in
            guard request.isFromRoot else {
                return answer(.text("only root on this machine may switch the mode\n", status: 403))
            }
            let name = String(decoding: request.body, as: UTF8.self).trimmed
            guard let mode = ProxyMode(rawValue: name) else {
                let names = ProxyMode.allCases.map(\.rawValue).joined(separator: ", ")
                return answer(.text("there is no mode '\(name)'; the modes there are: \(names)\n", status: 400))
            }
            let wanted = ProxyInput.ModeRequest(mode: mode, settings: nil) { result in
                switch result {
                case .success(let change): answer(.text("\(change)\n"))
                case .failure(let refusal):
                    answer(.text("cannot switch to \(mode.rawValue), the mode stays: \(refusal)\n", status: 409))
                }
            }
            mailbox.send(.mode(wanted))
        }
    }
}

/// Tells the pages which mode is in force.
struct ModeObserver: ProxyObserver {
    let pages: StatusPages

    func began(_ mode: ProxyMode, choice: String?) { pages.set(mode) }
    func switched(_ change: ModeChange) { pages.set(change.to) }
}
