"""The PyPI package nexusadspy, unchanged, against the running program."""

import logging
import os
import tempfile
import unittest

from nexusadspy import AppnexusClient

# The client turns logging on for the whole process.
logging.disable(logging.INFO)
URL = os.environ["PIXELD_URL"]


class TheClient(unittest.TestCase):
    def test_create_page_and_read(self):
        with tempfile.TemporaryDirectory() as directory:
            client = AppnexusClient(os.path.join(directory, "token"), endpoint=URL,
                                    username=os.environ["PIXELD_USER"], password=os.environ["PIXELD_PASSWORD"])
            [made] = client.request("advertiser", "POST", data={"advertiser": {"name": "Spied shoes"}})
            for number in range(103):
                client.request("publisher", "POST", data={"publisher": {"name": f"Publisher {number}"}})
            self.assertEqual(len(client.request("publisher", "GET", params={"like_name": "Publisher "})), 103)
            [read] = client.request("advertiser", "GET", params={"id": made["id"]})
            self.assertEqual(read["name"], "Spied shoes")
            client.request("advertiser", "DELETE", params={"id": made["id"]})


if __name__ == "__main__":
    unittest.main()
