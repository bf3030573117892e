package org.svcshare.proxy;

import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.Replicas;

/// Who owns the order of writes, as connections of clients see it. Any thread may call it.
interface ReplicaOwner extends Replicas {
    /// A write whose body is here.
    void submit(WriteRequest request, WriteClient client);

    /// Where reads may go.
    Routing routing();

    /// The last position that is in the log.
    long end();

    /// A node cannot be connected to.
    void unreachable(NodeAddress node, String why);
}
