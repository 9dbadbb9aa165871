/**
 * The Markdown of the repository: what it shows is repeated, what it links to is there, and the
 * site that is made of it.
 */
package org.tataa.docs;
