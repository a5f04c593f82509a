import KubeAPI
import KubeSchema
import StoreCore

/// Every error of a handler becomes a `Status`.
enum ErrorAnswer {
    static func status(_ error: any Error, _ resource: ResourceDefinition? = nil, name: String = "") -> Status {
        switch error {
        case let status as Status: status
        case let invalid as InvalidObject:
            resource.map { .invalid($0, name, invalid.errors) }
                ?? Status(code: 422, reason: "Invalid", message: invalid.errors.map(\.message).joined(separator: ", "))
        case let error as FieldError: self.status(InvalidObject([error]), resource, name: name)
        case let error as StoreError: status(error)
        case is CancellationError: .timeout("request did not complete within the allotted timeout")
        default: .internalError("\(error)")
        }
    }

    private static func status(_ error: StoreError) -> Status {
        switch error {
        case .compacted:
            .expired("The resourceVersion for the provided watch is too old.")
        case .futureRevision(let latest): .futureVersion(latest + 1, current: latest)
        default: .internalError(error.description)
        }
    }
}
