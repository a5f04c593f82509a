import KubeAPI

/// What is old.
extension SigningRequests {
    /// How long a request is kept, in seconds, as upstream.
    static let pendingTime: Int64 = 86_400
    static let decidedTime: Int64 = 3600

    /// Deletes what nobody needs any more, or says when to look again.
    ///
    /// - Parameter certificateEnd: of the certificate in it; nanoseconds since 1970.
    public static func clean(_ request: APIObject, certificateEnd: Int64?, now: Int64) -> Decision {
        guard !request.isBeingDeleted, let end = end(of: request, certificateEnd) else { return Decision() }
        guard end <= now else { return Decision(requeueAfter: Timestamp.wait(from: now, until: end)) }
        return Decision([Action(.delete(kind, request))])
    }

    private static func end(of request: APIObject, _ certificateEnd: Int64?) -> Int64? {
        let isIssued = request.status?["certificate"] != nil
        var ends = [certificateEnd].compactMap { $0 }
        for type in ["Approved", "Denied", "Failed"] where type != "Approved" || isIssued {
            guard has(type, request), let condition = Conditions.find(type, in: request.status),
                let time = Timestamp.nanoseconds(condition["lastUpdateTime"] ?? condition["lastTransitionTime"])
            else { continue }
            ends.append(Timestamp.adding(seconds: decidedTime, to: time))
        }
        if isUndecided(request), let created = Timestamp.nanoseconds(request.metadata?["creationTimestamp"]) {
            ends.append(Timestamp.adding(seconds: pendingTime, to: created))
        }
        return ends.min()
    }
}
