import NetTypes

/// Which question is at which name server, and who waits for its answer: equal questions go out once.
///
/// A loop (a server that forwards to itself by some way) ends here too: its question comes back, finds itself under way,
/// and waits until time is up.
public struct ForwardingState<Waiter: Sendable>: Sendable {
    public struct Policy: Sendable {
        /// How often a question is sent at most, to whichever server.
        public var attempts = 4
        public var flights = 2000
        public var waitersPerFlight = 500

        public init() {}
    }

    public enum Transport: Hashable, Sendable { case udp, tcp }

    /// A question to send; what was sent for the flight before is of no use any more.
    public struct Transmission: Sendable {
        public let flight: UInt64
        /// Told back with what comes of it.
        public let attempt: Int
        public let server: AddressPort
        public let transport: Transport
        public let message: [UInt8]
    }

    public enum Effect: Sendable {
        case send(Transmission)
        /// nil: no server answered in time.
        case finish(flight: UInt64, ForwardedQuestion, UpstreamAnswer?, [Waiter])
        /// There is too much to do.
        case refuse(Waiter)
    }

    private struct Flight {
        let question: ForwardedQuestion
        var waiters: [Waiter]
        var attempt = 0
        /// Position in `servers`.
        var server: Int
        var transport = Transport.udp
        var id: UInt16 = 0
        /// What a server said that another may know better.
        var setback: UpstreamAnswer?
    }

    private let servers: [AddressPort]
    private let policy: Policy
    /// The server that is asked first; one that fails gives way.
    private var preferred = 0
    private var flights: [UInt64: Flight] = [:]
    private var underWay: [ForwardedQuestion: UInt64] = [:]
    private var last: UInt64 = 0

    /// `servers` may not be empty.
    public init(servers: [AddressPort], policy: Policy = Policy()) {
        self.servers = servers
        self.policy = policy
    }

    /// Questions under way.
    public var count: Int { flights.count }

    public mutating func ask(
        _ question: ForwardedQuestion, _ waiter: Waiter, random: inout some RandomNumberGenerator
    ) -> Effect? {
        if let number = underWay[question], var flight = flights.removeValue(forKey: number) {
            let isWelcome = flight.waiters.count < policy.waitersPerFlight
            if isWelcome { flight.waiters.append(waiter) }
            flights[number] = flight
            return isWelcome ? nil : .refuse(waiter)
        }
        guard flights.count < policy.flights, !servers.isEmpty else { return .refuse(waiter) }
        last += 1
        underWay[question] = last
        return send(Flight(question: question, waiters: [waiter], server: preferred), last, &random)
    }

    /// A message came in answer to an attempt. Nothing happens when it does not answer the question.
    public mutating func received(
        _ bytes: [UInt8], flight number: UInt64, attempt: Int, random: inout some RandomNumberGenerator
    ) -> Effect? {
        guard var flight = flights[number], flight.attempt == attempt else { return nil }
        guard let answer = UpstreamAnswer(bytes, id: flight.id, to: flight.question.question) else {
            return flight.transport == .tcp ? failed(flight: number, attempt: attempt, random: &random) : nil
        }
        if answer.isTruncated, flight.transport == .udp {
            flight.transport = .tcp
            return send(flight, number, &random)
        }
        guard answer.code == .noError || answer.code == .nameError else {
            flight.setback = answer
            flights[number] = flight
            return failed(flight: number, attempt: attempt, random: &random)
        }
        return finish(number, answer)
    }

    /// No answer came in time, or none can come.
    public mutating func failed(
        flight number: UInt64, attempt: Int, random: inout some RandomNumberGenerator
    ) -> Effect? {
        guard var flight = flights[number], flight.attempt == attempt else { return nil }
        let next = (flight.server + 1) % servers.count
        if preferred == flight.server { preferred = next }
        guard flight.attempt < policy.attempts else { return finish(number, flight.setback) }
        flight.server = next
        flight.transport = .udp
        return send(flight, number, &random)
    }

    private mutating func send(
        _ flight: Flight, _ number: UInt64, _ random: inout some RandomNumberGenerator
    ) -> Effect {
        var flight = flight
        flight.attempt += 1
        flight.id = .random(in: .min ... .max, using: &random)
        flights[number] = flight
        return .send(
            Transmission(
                flight: number, attempt: flight.attempt, server: servers[flight.server], transport: flight.transport,
                message: flight.question.message(id: flight.id)))
    }

    private mutating func finish(_ number: UInt64, _ answer: UpstreamAnswer?) -> Effect? {
        guard let flight = flights.removeValue(forKey: number) else { return nil }
        underWay[flight.question] = nil
        return .finish(flight: number, flight.question, answer, flight.waiters)
    }
}
