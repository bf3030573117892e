/// Members that share a store, and turns among them, over JGroups.
@NullMarked
package org.svcshare.gossip;

import org.jspecify.annotations.NullMarked;
