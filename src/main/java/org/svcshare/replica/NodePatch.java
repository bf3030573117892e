package org.svcshare.replica;

import java.util.Optional;
import java.util.OptionalInt;

/// What is to become different about a node; what is empty stays.
///
/// @param address another one: the node moves there with its queue
/// @param weight 1 to 100
public record NodePatch(
        Optional<NodeAddress> address,
        OptionalInt priority,
        Optional<Boolean> active,
        Optional<Boolean> maintenance,
        Optional<Boolean> tls,
        OptionalInt weight) {

    /// Changes nothing.
    public static final NodePatch NOTHING =
            new NodePatch(
                    Optional.empty(),
                    OptionalInt.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    OptionalInt.empty());

    public static NodePatch maintenance(boolean on) {
        return new NodePatch(
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.of(on),
                Optional.empty(),
                OptionalInt.empty());
    }

    /// All of a node.
    public static NodePatch of(Node node) {
        return new NodePatch(
                Optional.of(node.address()),
                OptionalInt.of(node.priority()),
                Optional.of(node.active()),
                Optional.of(node.maintenance()),
                Optional.of(node.tls()),
                OptionalInt.of(node.weight()));
    }

    /// @throws IllegalArgumentException for a weight that cannot be
    public Node applyTo(Node node) {
        return new Node(
                address.orElse(node.address()),
                priority.orElse(node.priority()),
                active.orElse(node.active()),
                maintenance.orElse(node.maintenance()),
                tls.orElse(node.tls()),
                weight.orElse(node.weight()));
    }
}
