/// Composition root: builds the parts that the settings ask for, starts and stops them in order.
@NullMarked
package org.svcshare.daemon;

import org.jspecify.annotations.NullMarked;
