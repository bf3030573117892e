package org.svcshare.proxy;

import java.util.List;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;

/// Which nodes reads may go to, as it was when this was made. Any thread may read it.
///
/// @param preferred those that have every write, in order
/// @param others those that lack some, in order: better than none
record Routing(List<Route> preferred, List<Route> others) {
    static final Routing NOWHERE = new Routing(List.of(), List.of());

    /// One node.
    static final class Route {
        private final Node node;
        private final NodeTally tally;

        /// Up to where in the log it has every write.
        private volatile long passed;

        Route(Node node, NodeTally tally, long passed) {
            this.node = node;
            this.tally = tally;
            this.passed = passed;
        }

        NodeAddress address() {
            return node.address();
        }

        boolean is(Node other) {
            return node.equals(other);
        }

        boolean active() {
            return node.active();
        }

        boolean tls() {
            return node.tls();
        }

        int weight() {
            return node.weight();
        }

        NodeTally tally() {
            return tally;
        }

        long passed() {
            return passed;
        }

        void passed(long position) {
            passed = position;
        }
    }
}
