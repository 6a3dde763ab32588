<?php
// Stubs of WordPress and WooCommerce for the snippet. Reads the snippet from a file, shows the thank-you page of one order
// twice and of an unknown order once, and prints the snippet's output each time as a JSON array.

class WC_Order {
	public $meta = array();
	public function has_status( $status ) { return 'failed' === $status && getenv( 'ORDER_FAILED' ); }
	public function get_meta( $key ) { return $this->meta[ $key ] ?? ''; }
	public function update_meta_data( $key, $value ) { $this->meta[ $key ] = $value; }
	public function save() {}
	public function get_order_number() { return 'A&"1'; }
	public function get_total() { return '49.90'; }
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
function wc_get_order( $id ) { static $order; $order ??= new WC_Order(); return 7 === $id ? $order : false; }
function esc_url( $url ) {
	$url = preg_replace( '|[^a-z0-9-~+_.?#=!&;,/:%@$\|*\'()\[\]\x80-\xff]|i', '', $url );
	return str_replace( array( '&', "'" ), array( '&#038;', '&#039;' ), $url );
}

error_reporting( E_ALL );
set_error_handler( function ( $number, $text ) { throw new ErrorException( $text ); } );
eval( file_get_contents( $argv[1] ) );
$pages = array();
foreach ( array( 7, 7, 8 ) as $order ) {
	ob_start();
	$hooks['woocommerce_thankyou']( $order );
	$pages[] = ob_get_clean();
}
echo json_encode( $pages );
