<?php
// WordPress with a visitor who allows no marketing.
function wp_has_consent( $category ) { return 'marketing' !== $category; }
