<?php
// Stubs of WordPress and WooCommerce for the plugin. Reads it from a file, shows the thank-you page of one order twice and
// of an unknown order once, and the head of a page. Prints each output as a JSON array.

define( 'ABSPATH', '/' );

class WC_Order {
	public function has_status( $status ) { return 'failed' === $status && getenv( 'ORDER_FAILED' ); }
	public function get_order_number() { return 'A&"1'; }
	public function get_total() { return '49.90'; }
	public function get_total_tax() { return '7.00'; }
	public function get_shipping_total() { return '4.90'; }
	public function get_currency() { return 'EUR'; }
	public function get_coupon_codes() { return array( 'autumn', "<b>'" ); }
	public function get_items() { return array( new WC_Item( 11, 2 ), new WC_Item( 12, 1 ) ); }
}

class WC_Item {
	public function __construct( private $id, private $quantity ) {}
	public function get_product_id() { return $this->id; }
	public function get_quantity() { return $this->quantity; }
}

$hooks = array();
function add_action( $hook, $function ) { global $hooks; $hooks[ $hook ] = $function; }
function wc_get_checkout_url() { return 'https://shop.example/checkout/'; }
function wc_get_endpoint_url( $endpoint, $value, $base ) { return $base . $endpoint . '/'; }
function wc_get_order( $id ) { static $order; $order ??= new WC_Order(); return 7 === $id ? $order : false; }
function esc_url( $url ) {
	$url = preg_replace( '|[^a-z0-9-~+_.?#=!&;,/:%@$\|*\'()\[\]\x80-\xff]|i', '', $url );
	return str_replace( array( '&', "'" ), array( '&#038;', '&#039;' ), $url );
}

error_reporting( E_ALL );
set_error_handler( function ( $number, $text ) { throw new ErrorException( $text ); } );
require $argv[1];
$pages = array();
foreach ( array( 7, 7, 8 ) as $order ) {
	ob_start();
	$hooks['woocommerce_thankyou']( $order );
	$pages[] = ob_get_clean();
}
ob_start();
$hooks['wp_head']();
$pages[] = ob_get_clean();
echo json_encode( $pages );
