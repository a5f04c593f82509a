import KubeAPI

extension Schema {
    /// The canonical tree of a message, without kind and apiVersion, which its envelope has. Unknown fields are skipped;
    /// nested deeper than 100 messages is refused.
    public func decodeProtobuf(_ bytes: some Collection<UInt8>, as type: TypeReference) throws(DecodingRefusal)
        -> JSONValue
    {
        try ProtobufEnvelope.contiguous(bytes) { (bytes) throws(DecodingRefusal) in
            var decoder = ProtobufDecoder(plans)
            return try decoder.message(bytes, type.index)
        }
    }

    /// The message of an object, as kube-apiserver would write it; the tree must be one that `normalize` or
    /// `decodeProtobuf` made, what does not fit its type counts as zero.
    public func encodeProtobuf(_ value: JSONValue, as type: TypeReference) -> [UInt8] {
        var encoder = ProtobufEncoder(plans)
        encoder.message(value, type.index)
        return encoder.output.bytes
    }

    /// A whole body: the object in its envelope, named by its own kind and apiVersion.
    public func encodeProtobufBody(_ value: JSONValue, as type: TypeReference) -> [UInt8] {
        var encoder = ProtobufEncoder(plans)
        ProtobufEnvelope.open(&encoder.output)
        encoder.message(value, type.index)
        ProtobufEnvelope.close(
            &encoder.output, apiVersion: value["apiVersion"]?.string ?? "", kind: value["kind"]?.string ?? "")
        return encoder.output.bytes
    }

    /// A frame's content in a watch that speaks protobuf: a WatchEvent without envelope, the object in it with one.
    public static func watchEvent(_ type: String, object body: [UInt8]) -> [UInt8] {
        var writer = ProtobufWriter(capacity: body.count + 64)
        writer.field(1, body)
        writer.closeField(2, from: 0)
        writer.field(1, type)
        return writer.bytes
    }
}
