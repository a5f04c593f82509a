import EtcdAPI

// The wire's names, shortened where the generated ones are long.
typealias ResponseHeader = Etcdserverpb_ResponseHeader
typealias RangeRequest = Etcdserverpb_RangeRequest
typealias RangeResponse = Etcdserverpb_RangeResponse
typealias PutRequest = Etcdserverpb_PutRequest
typealias PutResponse = Etcdserverpb_PutResponse
typealias DeleteRangeRequest = Etcdserverpb_DeleteRangeRequest
typealias DeleteRangeResponse = Etcdserverpb_DeleteRangeResponse
typealias TxnRequest = Etcdserverpb_TxnRequest
typealias TxnResponse = Etcdserverpb_TxnResponse
typealias WatchRequest = Etcdserverpb_WatchRequest
typealias WatchCreateRequest = Etcdserverpb_WatchCreateRequest
typealias WatchResponse = Etcdserverpb_WatchResponse
