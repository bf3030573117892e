package org.svcshare.cluster;

/// The contract, on a group of 3, asked at a node that does not lead.
final class FollowerEngineIT extends GroupEngineContract {
    FollowerEngineIT() {
        super(3, TestGroup::follower);
    }
}
