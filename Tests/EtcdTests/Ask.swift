import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import StoreCore
import SwiftProtobuf
import Synchronization

/// One of the two that are compared.
struct EtcdSide: Sendable {
    typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

    let client: Client

    static var options: CallOptions {
        var options = CallOptions.defaults
        options.maxRequestMessageBytes = 64 << 20
        options.maxResponseMessageBytes = 64 << 20
        return options
    }

    /// What an answer says, or how the call was refused.
    static func text(_ body: () async throws -> some SwiftProtobuf.Message) async -> String {
        do {
            return text(try await body())
        } catch let error as RPCError {
            return "\(error.code): \(error.message)"
        } catch {
            return "\(error)"
        }
    }

    /// Without what differs between any two etcds.
    static func text(_ message: some SwiftProtobuf.Message) -> String {
        message.textFormatString().split(separator: "\n")
            .filter { $0.firstMatch(of: #/^\s*(cluster_id|member_id|raft_term|memberID): /#) == nil }
            .joined(separator: "\n")
    }
}

/// Something to ask both sides, and what to call it when they differ.
struct Ask: Sendable {
    let label: String
    let body: @Sendable (EtcdSide) async -> String

    init(_ label: String, _ body: @escaping @Sendable (EtcdSide) async -> String) {
        self.label = label
        self.body = body
    }

    /// One request, one answer.
    init<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ method: MethodDescriptor, _ request: Request, _: Response.Type, _ options: CallOptions = EtcdSide.options
    ) {
        self.init("\(method): \(request.textFormatString().prefix(400))") { side in
            await EtcdSide.text {
                try await side.client.unary(
                    request: ClientRequest(message: request), descriptor: method,
                    serializer: ProtobufSerializer<Request>(), deserializer: ProtobufDeserializer<Response>(),
                    options: options
                ) { try $0.message }
            }
        }
    }
}

// MARK: - KV

extension Ask {
    static func range(
        _ key: String, _ end: String = "", _ change: (inout Etcdserverpb_RangeRequest) -> Void = { _ in }
    ) -> Ask {
        Ask(
            Etcdserverpb_KV.Method.Range.descriptor, Etcdserverpb_RangeRequest.range(key, end, change),
            Etcdserverpb_RangeResponse.self)
    }

    static func put(
        _ key: String, _ value: String = "", _ change: (inout Etcdserverpb_PutRequest) -> Void = { _ in }
    ) -> Ask {
        Ask(
            Etcdserverpb_KV.Method.Put.descriptor, Etcdserverpb_PutRequest.put(key, value, change),
            Etcdserverpb_PutResponse.self)
    }

    static func delete(_ key: String, _ end: String = "", withPrevious: Bool = false) -> Ask {
        Ask(
            Etcdserverpb_KV.Method.DeleteRange.descriptor,
            Etcdserverpb_DeleteRangeRequest.delete(key, end, withPrevious: withPrevious),
            Etcdserverpb_DeleteRangeResponse.self)
    }

    static func txn(
        _ compares: [Etcdserverpb_Compare] = [], _ success: [Etcdserverpb_RequestOp] = [],
        else failure: [Etcdserverpb_RequestOp] = []
    ) -> Ask {
        Ask(
            Etcdserverpb_KV.Method.Txn.descriptor,
            Etcdserverpb_TxnRequest.with {
                $0.compare = compares
                $0.success = success
                $0.failure = failure
            }, Etcdserverpb_TxnResponse.self)
    }

    static func compact(_ revision: Revision, physical: Bool = false) -> Ask {
        Ask(
            Etcdserverpb_KV.Method.Compact.descriptor,
            Etcdserverpb_CompactionRequest.with {
                $0.revision = revision
                $0.physical = physical
            }, Etcdserverpb_CompactionResponse.self)
    }
}

extension Etcdserverpb_RangeRequest {
    static func range(_ key: String, _ end: String = "", _ change: (inout Self) -> Void = { _ in }) -> Self {
        .with {
            $0.key = Data(key.utf8)
            $0.rangeEnd = Data(end.utf8)
            change(&$0)
        }
    }
}

extension Etcdserverpb_PutRequest {
    static func put(_ key: String, _ value: String, _ change: (inout Self) -> Void = { _ in }) -> Self {
        .with {
            $0.key = Data(key.utf8)
            $0.value = Data(value.utf8)
            change(&$0)
        }
    }
}

extension Etcdserverpb_DeleteRangeRequest {
    static func delete(_ key: String, _ end: String, withPrevious: Bool) -> Self {
        .with {
            $0.key = Data(key.utf8)
            $0.rangeEnd = Data(end.utf8)
            $0.prevKv = withPrevious
        }
    }
}

extension Etcdserverpb_RequestOp {
    static func range(
        _ key: String, _ end: String = "", _ change: (inout Etcdserverpb_RangeRequest) -> Void = { _ in }
    ) -> Self { .with { $0.requestRange = .range(key, end, change) } }

    static func put(
        _ key: String, _ value: String = "", _ change: (inout Etcdserverpb_PutRequest) -> Void = { _ in }
    ) -> Self { .with { $0.requestPut = .put(key, value, change) } }

    static func delete(_ key: String, _ end: String = "", withPrevious: Bool = false) -> Self {
        .with { $0.requestDeleteRange = .delete(key, end, withPrevious: withPrevious) }
    }

    static func txn(
        _ compares: [Etcdserverpb_Compare] = [], _ success: [Self] = [], else failure: [Self] = []
    ) -> Self {
        .with {
            $0.requestTxn = .with {
                $0.compare = compares
                $0.success = success
                $0.failure = failure
            }
        }
    }
}

extension Etcdserverpb_Compare {
    /// `target` nil leaves it out, which stands for the value zero.
    static func compare(
        _ key: String, to end: String = "", _ relation: CompareResult, _ kind: CompareTarget,
        _ target: OneOf_TargetUnion?
    ) -> Self {
        .with {
            $0.key = Data(key.utf8)
            $0.rangeEnd = Data(end.utf8)
            $0.result = relation
            $0.target = kind
            $0.targetUnion = target
        }
    }
}

// MARK: - Leases

extension Ask {
    static func grant(_ id: LeaseID, _ seconds: Int64) -> Ask {
        Ask(
            Etcdserverpb_Lease.Method.LeaseGrant.descriptor,
            Etcdserverpb_LeaseGrantRequest.with {
                $0.id = id
                $0.ttl = seconds
            }, Etcdserverpb_LeaseGrantResponse.self)
    }

    static func revoke(_ id: LeaseID) -> Ask {
        Ask(
            Etcdserverpb_Lease.Method.LeaseRevoke.descriptor, Etcdserverpb_LeaseRevokeRequest.with { $0.id = id },
            Etcdserverpb_LeaseRevokeResponse.self)
    }

    /// The lease's keys come in no order.
    static func timeToLive(_ id: LeaseID, keys: Bool = false) -> Ask {
        Ask("time to live of \(id)") { side in
            await EtcdSide.text {
                var answer = try await Etcdserverpb_Lease.Client(wrapping: side.client).leaseTimeToLive(
                    .with {
                        $0.id = id
                        $0.keys = keys
                    })
                answer.keys.sort { Bytes($0).precedes(Bytes($1)) }
                return answer
            }
        }
    }

    static var leases: Ask {
        Ask(
            Etcdserverpb_Lease.Method.LeaseLeases.descriptor, Etcdserverpb_LeaseLeasesRequest(),
            Etcdserverpb_LeaseLeasesResponse.self)
    }

    /// All on one stream.
    static func keepAlive(_ ids: [LeaseID]) -> Ask {
        Ask("keep alive \(ids)") { side in
            do {
                return try await Etcdserverpb_Lease.Client(wrapping: side.client).leaseKeepAlive { writer in
                    for id in ids { try await writer.write(.with { $0.id = id }) }
                } onResponse: { response in
                    var texts: [String] = []
                    for try await message in response.messages { texts.append(EtcdSide.text(message)) }
                    return texts.joined(separator: "\n")
                }
            } catch {
                return "\(error)"
            }
        }
    }
}
