/// Members that find each other from a seed and share a store: [org.svcshare.store.MemberGroup] on
/// JGroups.
@NullMarked
package org.svcshare.gossip;

import org.jspecify.annotations.NullMarked;
