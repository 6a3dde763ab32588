<?php
// Stubs of Magento for the generated module. Reads the module from its directory. Prints a JSON array: the module's name,
// and the block's output on the success page with and without an order.

namespace Magento\Framework\Component { class ComponentRegistrar { const MODULE = 'module'; public static $names = [];
	public static function register($type, $name, $path) { self::$names[] = $name; } } }
namespace Magento\Framework\View\Element\Block { interface ArgumentInterface {} }
namespace Magento\Framework { interface UrlInterface { public function getUrl($path); } }
namespace Magento\Checkout\Model { class Session { public function __construct(private $order) {} public function getLastRealOrder() { return $this->order; } } }
namespace {
	class Order {
		public function __construct(private $id) {}
		public function getId() { return $this->id; }
		public function getIncrementId() { return '00000"0007'; }
		public function getGrandTotal() { return '49.9000'; }
		public function getTaxAmount() { return '7.0000'; }
		public function getShippingAmount() { return '4.9000'; }
		public function getOrderCurrencyCode() { return 'EUR'; }
		public function getCouponCode() { return null; }
		public function getAllVisibleItems() { return [new Item('WS-1,red', '2.0000'), new Item('</script>', '1.0000')]; }
	}
	class Urls implements \Magento\Framework\UrlInterface { public function getUrl($path) { return "https://shop.example/$path/"; } }
	class Item {
		public function __construct(private $sku, private $quantity) {}
		public function getSku() { return $this->sku; }
		public function getQtyOrdered() { return $this->quantity; }
	}
	class Escaper { public function escapeUrl($url) { return htmlspecialchars($url, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8', false); } }
	class Block { public function __construct(private $tag) {} public function getData($name) { return $name === 'tag' ? $this->tag : null; } }

	error_reporting(E_ALL);
	set_error_handler(function ($number, $text) { throw new ErrorException($text); });
	[, $directory, $number] = $argv;
	require "$directory/registration.php";
	require "$directory/ViewModel/Tag.php";
	$class = "Pixeld\\Pixel$number\\ViewModel\\Tag";
	$output = \Magento\Framework\Component\ComponentRegistrar::$names;
	foreach ([7, null] as $id) {
		$block = new Block(new $class(new \Magento\Checkout\Model\Session(new Order($id)), new Urls()));
		$escaper = new Escaper();
		ob_start();
		include "$directory/view/frontend/templates/tag.phtml";
		$output[] = trim(ob_get_clean());
	}
	echo json_encode($output);
}
