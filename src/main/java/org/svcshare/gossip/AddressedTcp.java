package org.svcshare.gossip;

import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCP;
import org.jspecify.annotations.Nullable;

/// TCP between members whose addresses say where they are, see [MemberAddress]. Two who only know
/// of each other through a third can talk at once.
final class AddressedTcp extends TCP {
    AddressedTcp() {
        setId(ClassConfigurator.getProtocolId(TCP.class));
    }

    @Override
    public @Nullable PhysicalAddress getPhysicalAddressFromCache(Address member) {
        PhysicalAddress known = super.getPhysicalAddressFromCache(member);
        if (known != null || member == null) {
            return known;
        }
        PhysicalAddress said = MemberAddress.whereIs(member);
        if (said != null) {
            addPhysicalAddressToCache(member, said);
        }
        return said;
    }
}
