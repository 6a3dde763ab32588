"""The PyPI package AppNexus-client, unchanged, against the running program. Only the host differs."""

import csv
import io
import os
import unittest

import requests
from appnexus import Advertiser, LineItem, Pixel, Publisher, Report
from appnexus.client import client
from appnexus.exceptions import AppNexusException, BadCredentials

URL = os.environ["PIXELD_URL"]
USER, PASSWORD = os.environ["PIXELD_USER"], os.environ["PIXELD_PASSWORD"]


def error_text(context):
    """The server's text. The client's own exception leaves it out if the answer has an error status."""
    return context.exception.response.json()["response"]["error"]


class TheClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        client.url = URL.rstrip("/") + "/"
        client.connect(USER, PASSWORD)
        cls.advertiser = Advertiser({"name": "Python shoes"}).save()

    def pixel(self, name, **more):
        return Pixel({"name": name, **more}).save(advertiser_id=self.advertiser.id)

    def test_create_read_update_delete(self):
        pixel = self.pixel("Purchase", trigger_type="hybrid")
        self.assertIsInstance(pixel.id, int)
        # The client sends the whole object back, with its read-only fields.
        read = Pixel.find_one(id=pixel.id)
        self.assertEqual((read.name, read.trigger_type), ("Purchase", "hybrid"))
        read.name = "Sale"
        read.save()
        self.assertEqual(Pixel.find_one(id=pixel.id).name, "Sale")
        Pixel.delete(pixel.id)
        with self.assertRaises(AppNexusException) as refused:
            Pixel.find_one(id=pixel.id)
        self.assertIn("not found", error_text(refused))

    def test_lists(self):
        hats = Advertiser({"name": "Python hats"}).save().id
        for number in range(105):
            Pixel({"name": f"Hat {number}"}).save(advertiser_id=hats)
        pixels = Pixel.find(advertiser_id=hats, sort="id.asc")
        self.assertEqual(len(pixels), 105)
        names = [pixel.name for pixel in pixels]
        self.assertEqual(names, [f"Hat {number}" for number in range(105)])
        self.assertEqual(pixels[42].name, "Hat 42")
        self.assertEqual([one.name for one in Pixel.find(like_name="hat 10", advertiser_id=hats)][:2],
                         ["Hat 10", "Hat 100"])
        self.assertEqual(Pixel.count(advertiser_id=hats, min_last_modified="2999-01-01 00:00:00"), 0)
        self.assertIn("last_modified", [field["name"] for field in Pixel.meta()["fields"]])

    def test_report(self):
        pixel = self.pixel("Checkout", trigger_type="click")
        item = LineItem({"name": "Autumn", "pixels": [{"id": pixel.id, "post_click_revenue": "2.5"}]})
        item.save(advertiser_id=self.advertiser.id)
        publisher = Publisher({"name": "Daily News"}).save()
        tracker = client.create("clicktracker", {"clicktracker": {
            "name": "Banner", "line_item_id": item.id, "publisher_id": publisher.id,
            "click_url": "https://shop.example/"}}, advertiser_id=self.advertiser.id)
        visitor = requests.Session()
        visitor.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        click = visitor.get(f"{client.url}clktr?id={tracker['id']}", allow_redirects=False)
        self.assertEqual(click.status_code, 302)
        fire = visitor.get(f"{client.url}px?id={pixel.id}&order_id=P-1&t=2")
        self.assertEqual(fire.headers["X-Pixeld"], "ok")
        self.assertEqual(self.rows(pixel.id), [{"order_id": "P-1", "line_item_id": str(item.id)}])

    def rows(self, pixel):
        """Requests the report until the judge has caught up and the row is there, at most ten times."""
        for _ in range(10):
            report = Report({"report_type": "attributed_conversions", "columns": ["order_id", "line_item_id"],
                             "filters": [{"pixel_id": pixel}], "report_interval": "today"}).save()
            text = report.download(retry_count=10).decode()
            rows = list(csv.DictReader(io.StringIO(text)))
            if rows:
                return rows
        self.fail(f"no conversion in the report: {text!r}")

    def test_errors(self):
        with self.assertRaises(AppNexusException) as refused:
            Pixel({"name": ""}).save(advertiser_id=self.advertiser.id)
        self.assertEqual(error_text(refused), "name is required and must not be blank")
        stranger = type(client)("nobody", "not the password")
        stranger.url = client.url
        with self.assertRaises(BadCredentials):
            stranger.get("pixel")


if __name__ == "__main__":
    unittest.main()
