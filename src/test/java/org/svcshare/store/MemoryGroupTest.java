package org.svcshare.store;

/// The group of the tests keeps the promises of a real one.
final class MemoryGroupTest extends MemberGroupContract {
    private final MemoryGroup group = new MemoryGroup();

    @Override
    protected MemberGroup join(String name) {
        return group.join(name);
    }

    @Override
    protected boolean kill(String name) {
        group.kill(name);
        return true;
    }
}
