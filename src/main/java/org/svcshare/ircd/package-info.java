/// An embedded IRC server on Netty: for a group that has none, for the demo, for tests.
@NullMarked
package org.svcshare.ircd;

import org.jspecify.annotations.NullMarked;
