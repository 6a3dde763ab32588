<?php
// Stubs of PrestaShop for the generated module. Reads the module's file. Prints its hooks, the head of a page, and the
// confirmation of an order and of none, as a JSON array.

define('_PS_VERSION_', '8.1.0');

class Link { public function getPageLink($page) { return "https://shop.example/$page"; } }
class Context { public $link; public function __construct() { $this->link = new Link(); } }
class Currency { public $iso_code = 'EUR'; public function __construct(int $id) {} }
abstract class Module {
    public $name, $tab, $version, $author, $need_instance, $ps_versions_compliancy, $displayName, $description, $context;
    public $hooks = [];
    public function __construct() { $this->context = new Context(); }
    public function install() { return true; }
    public function registerHook($hook) { $this->hooks[] = $hook; return true; }
}
class Order {
    public $reference = 'XK&"1', $id_currency = 1, $total_paid_tax_excl = 42.9, $total_shipping_tax_excl = 4.9;
    public function getOrdersTotalPaid() { return '49.900000'; }
    public function getCartRules() { return [['name' => 'autumn']]; }
    public function getProducts() { return [['product_id' => 11, 'product_quantity' => '2'], ['product_id' => 12, 'product_quantity' => '1']]; }
}

error_reporting(E_ALL);
set_error_handler(function ($number, $text) { throw new ErrorException($text); });
[, $file, $class] = $argv;
require $file;
$module = new $class();
$module->install();
echo json_encode([
    $module->hooks,
    $module->hookDisplayHeader(),
    $module->hookDisplayOrderConfirmation(['order' => new Order()]),
    $module->hookDisplayOrderConfirmation([]),
]);
