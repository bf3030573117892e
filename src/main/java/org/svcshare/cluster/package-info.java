/// The lock table on a group of machines: every operation is an entry of a log that a majority has
/// before anybody hears of it. Any minority may be gone.
@NullMarked
package org.svcshare.cluster;

import org.jspecify.annotations.NullMarked;
