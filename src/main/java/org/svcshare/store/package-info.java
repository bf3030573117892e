/// The shared key-value store: entries, the hybrid clock, merge and range digests; and what the
/// rest of svcshare sees of a group of members that share one.
///
/// Pure: no clock, thread, socket or file. Time and chance come in as arguments.
@NullMarked
package org.svcshare.store;

import org.jspecify.annotations.NullMarked;
