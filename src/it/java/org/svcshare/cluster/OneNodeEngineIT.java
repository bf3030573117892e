package org.svcshare.cluster;

/// The contract, on a group of 1, asked at the only node.
final class OneNodeEngineIT extends GroupEngineContract {
    OneNodeEngineIT() {
        super(1, TestGroup::leader);
    }
}
