package org.svcshare.cluster;

/// The contract, on a group of 3, asked at the leader.
final class LeaderEngineIT extends GroupEngineContract {
    LeaderEngineIT() {
        super(3, TestGroup::leader);
    }
}
